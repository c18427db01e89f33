/** A broker in a process of its own, so that its CPU time and memory are not counted as the daemon's. */
import { startEmbeddedBroker } from '../mqtt/embedded-broker.js';

const { port } = await startEmbeddedBroker();
process.send?.(port);
process.on('disconnect', () => process.exit());
