/** What components use besides the store: things that are not serialisable or change too often. */

import type { Capture } from '../media/capture_state';
import type { Levels } from './levels';
import type { Streams } from './streams';
import type { Views } from './views';

export interface Services {
  readonly streams: Streams;
  readonly levels: Levels;
  readonly views: Views;
  readonly capture: Capture;
}
