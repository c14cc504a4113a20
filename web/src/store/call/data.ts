/** What is said over whatever call there is: subscriptions outlive calls, messages do not. */

import type { DataChannels, DataMessage, Json, PublishOptions } from '../../session/data/channels';

type Listener = (message: DataMessage) => void;

interface Subscription {
  readonly topic: string;
  readonly listener: Listener;
  /** Ends it in the present call. */
  stop: (() => void) | null;
}

export class CallData implements DataChannels {
  readonly #subscriptions = new Set<Subscription>();
  #channels: DataChannels | null = null;

  /** Throws where there is no call, besides what `DataChannels` throws. */
  publish(topic: string, payload: Json, options?: PublishOptions): void {
    if (!this.#channels) throw new Error(`Nobody can hear "${topic}": not in a room`);
    this.#channels.publish(topic, payload, options);
  }

  subscribe(topic: string, listener: Listener): () => void {
    const subscription: Subscription = { topic, listener: guarded(listener), stop: null };
    this.#subscriptions.add(subscription);
    this.#connect(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
      this.#disconnect(subscription);
    };
  }

  /** A call begins. */
  attach(channels: DataChannels): void {
    this.detach();
    this.#channels = channels;
    for (const subscription of this.#subscriptions) this.#connect(subscription);
  }

  /** The call is over. */
  detach(): void {
    for (const subscription of this.#subscriptions) this.#disconnect(subscription);
    this.#channels = null;
  }

  #connect(subscription: Subscription): void {
    const { topic, listener } = subscription;
    subscription.stop = this.#channels?.subscribe(topic, listener) ?? null;
  }

  #disconnect(subscription: Subscription): void {
    subscription.stop?.();
    subscription.stop = null;
  }
}

/** One listener's mistake is the console's, and not the other listeners'. */
function guarded(listener: Listener): Listener {
  return (message) => {
    try {
      listener(message);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
