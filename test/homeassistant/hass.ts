/** A real Home Assistant in its root file system, used as its own pages use it: over its REST interface. */
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Child } from '../support/child.js';
import { execute } from '../support/execute.js';
import { freeTcpPort } from '../support/ports.js';

export interface EntityState {
  entity_id: string;
  state: string;
  attributes: Record<string, unknown>;
}

/** A state that an entity has taken; undefined: it has gone. */
export interface Change {
  entity_id: string;
  state: string | undefined;
}

/** What Home Assistant has written down of an entity, also of a disabled one. */
export interface RegisteredEntity {
  entity_id: string;
  unique_id: string;
  disabled_by: string | null;
}

const ENTER = 'test/boards/enter.sh';

export class Hass {
  readonly #folder: string;
  readonly #root: string;
  readonly url: string;
  #child: Child | undefined;
  #earlierLog = '';
  #token = '';

  /** @param root As root.sh makes it. @param yaml More of its configuration. */
  static async start(root: string, yaml = ''): Promise<Hass> {
    const folder = await mkdtemp(join(tmpdir(), 'ghostcam-homeassistant-'));
    await mkdir(join(folder, 'config'));
    const port = await freeTcpPort();
    const hass = new Hass(root, folder, `http://127.0.0.1:${port}`);
    await hass.configure(`http:\n  server_host: 127.0.0.1\n  server_port: ${port}\nmobile_app:\n${yaml}`);
    await hass.start();
    await hass.#onboard();
    return hass;
  }

  private constructor(root: string, folder: string, url: string) {
    this.#root = root;
    this.#folder = folder;
    this.url = url;
  }

  /** Adds to its configuration.yaml. */
  async configure(yaml: string): Promise<void> {
    await appendFile(join(this.#folder, 'config', 'configuration.yaml'), yaml);
  }

  /** Writes another file of its configuration. */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.#folder, 'config', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** The rest of what its first page asks, so that other pages can be shown. */
  async finishOnboarding(): Promise<void> {
    for (const step of ['core_config', 'analytics']) await this.#request('POST', `onboarding/${step}`, {});
    const own = { client_id: `${this.url}/`, redirect_uri: `${this.url}/` };
    await this.#request('POST', 'onboarding/integration', own);
  }

  /** What a page of it keeps in the browser of a user who has logged in. */
  browserTokens(): string {
    const lifetime = { expires_in: 1800, expires: Date.now() + 1_800_000 };
    return JSON.stringify({
      access_token: this.#token,
      token_type: 'Bearer',
      hassUrl: this.url,
      clientId: `${this.url}/`,
      ...lifetime,
    });
  }

  /** What it has logged, over all its starts. */
  get log(): string {
    return this.#earlierLog + (this.#child?.output ?? '');
  }

  async start(): Promise<void> {
    this.#earlierLog = this.log;
    this.#child = new Child('env', [
      `GHOSTCAM_BOARD_SHOW=${this.#folder}`,
      ...['unshare', '--mount', 'sh', ENTER, this.#root],
      ...['/srv/ha/bin/hass', '--config', '/mnt/config'],
    ]);
    while (!(await this.#answers())) await sleep(500);
  }

  /** As an administrator stops it: it writes down what it knows. */
  async stop(): Promise<void> {
    await this.#child?.stop('SIGTERM');
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async states(): Promise<EntityState[]> {
    return (await this.#request('GET', 'states')).json() as Promise<EntityState[]>;
  }

  /** Undefined: there is no such entity, or it is disabled. */
  async state(entity: string): Promise<EntityState | undefined> {
    return (await this.states()).find(({ entity_id }) => entity_id === entity);
  }

  /** @returns What changes from now on, oldest first, as its pages are told of it. Ends with Home Assistant. */
  async watch(): Promise<readonly Change[]> {
    const changes: Change[] = [];
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/websocket`);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject).on('message', (text) => {
        const { type, success, event, message } = JSON.parse(text.toString());
        if (type === 'auth_required')
          socket.send(JSON.stringify({ type: 'auth', access_token: this.#token }));
        else if (type === 'auth_ok')
          socket.send(JSON.stringify({ id: 1, type: 'subscribe_events', event_type: 'state_changed' }));
        else if (type === 'result' && success) resolve();
        else if (type !== 'event') reject(new Error(message ?? text.toString()));
        else if (event.data.old_state?.state !== event.data.new_state?.state)
          changes.push({ entity_id: event.data.entity_id, state: event.data.new_state?.state });
      });
    });
    return changes;
  }

  /** Of a template, as Home Assistant's own page for trying them shows it. */
  async render(template: string): Promise<string> {
    return (await this.#request('POST', 'template', { template })).text();
  }

  async call(service: string, data: object): Promise<void> {
    await this.#request('POST', `services/${service.replace('.', '/')}`, data);
  }

  /** What it shows of an image. */
  async picture(entity: string): Promise<Buffer> {
    return Buffer.from(await (await this.#request('GET', `image_proxy/${entity}`)).arrayBuffer());
  }

  /** Adds the MQTT integration, with nothing but the broker's address. */
  async addMqtt(port: number): Promise<void> {
    const flow = (await (
      await this.#request('POST', 'config/config_entries/flow', { handler: 'mqtt' })
    ).json()) as { flow_id: string };
    const defaults = { set_client_cert: false, set_ca_cert: 'off' };
    const data = { broker: '127.0.0.1', port, other_settings: defaults };
    const result = await (
      await this.#request('POST', `config/config_entries/flow/${flow.flow_id}`, data)
    ).json();
    const { type } = result as { type: string };
    if (type !== 'create_entry') throw new Error(`MQTT was not added: ${JSON.stringify(result)}`);
  }

  /** A phone with Home Assistant's app, whose messages are posted to `pushUrl`: notify.mobile_app_<name>. */
  async addPhone(name: string, pushUrl: string): Promise<void> {
    await this.#request('POST', 'mobile_app/registrations', {
      device_id: name,
      device_name: name,
      app_id: 'ghostcam.test',
      app_name: 'test',
      app_version: '1',
      manufacturer: 'test',
      model: 'test',
      os_name: 'test',
      os_version: '1',
      supports_encryption: false,
      app_data: { push_url: pushUrl, push_token: 'token' },
    });
  }

  /** Entities of the MQTT integration, as they are on disk, some seconds late. */
  async registry(): Promise<RegisteredEntity[]> {
    const path = join(this.#folder, 'config', '.storage', 'core.entity_registry');
    const { data } = JSON.parse(await readFile(path, 'utf8'));
    return data.entities.filter(({ platform }: { platform: string }) => platform === 'mqtt');
  }

  /** Runs validate.py, whose text is what it prints. */
  async validate(messages: readonly string[], schema: string): Promise<string> {
    await writeFile(join(this.#folder, 'messages.json'), JSON.stringify(messages));
    await writeFile(join(this.#folder, 'schema.json'), schema);
    await writeFile(join(this.#folder, 'validate.py'), await readFile('test/homeassistant/validate.py'));
    const command = ['/srv/ha/bin/python3', ...['validate.py', 'messages.json', 'schema.json'].map(inside)];
    const enter = ['unshare', '--mount', 'sh', ENTER, this.#root, ...command];
    return (await execute('env', [`GHOSTCAM_BOARD_SHOW=${this.#folder}`, ...enter])).trim();
  }

  async #answers(): Promise<boolean> {
    try {
      // It begins to answer before it is ready.
      const answer = await fetch(`${this.url}/api/onboarding`);
      if (this.#token === '') return answer.ok;
      const config = (await (await this.#request('GET', 'config')).json()) as { state: string };
      return config.state === 'RUNNING';
    } catch {
      return false;
    }
  }

  /** Makes the first user, as its first page does, and logs in. */
  async #onboard(): Promise<void> {
    const client_id = `${this.url}/`;
    const user = { name: 'Test', username: 'test', password: 'correct horse', language: 'en' };
    const created = await this.#request('POST', 'onboarding/users', { ...user, client_id });
    const { auth_code: code } = (await created.json()) as { auth_code: string };
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, client_id });
    const answer = await fetch(`${this.url}/auth/token`, { method: 'POST', body });
    this.#token = ((await answer.json()) as { access_token: string }).access_token;
    while (!(await this.#answers())) await sleep(500);
  }

  async #request(method: string, path: string, data?: object): Promise<Response> {
    const answer = await fetch(`${this.url}/api/${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}

const inside = (file: string) => `/mnt/${file}`;
