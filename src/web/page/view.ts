/** What every view of the page has. */
import type { CamerasAnswer, CameraView, EventView } from '../api.js';
import type { Picture } from './live.js';

/** What is known, newest first. */
export interface State {
  answer: CamerasAnswer;
  events: readonly EventView[];
}

export interface View {
  title: string;
  element: HTMLElement;
  /** Pictures a second of the cameras that it shows. */
  watched: Record<string, number>;
  /** Those of them that are shown with where they move. */
  motion?: string[];
  /** The state has changed. */
  update(state: State): void;
  show?(picture: Picture): void;
}

export function cameraOf({ answer }: State, name: string): CameraView | undefined {
  return answer.cameras.find((camera) => camera.name === name);
}

/** For people: its title, else its name. */
export function titleOf(state: State, name: string): string {
  return cameraOf(state, name)?.title ?? name;
}
