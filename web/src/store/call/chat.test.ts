import { describe, expect, it } from 'vitest';

import type { Json } from '../../session/data/channels';
import { FakeChannels } from '../testing/fake_backstage';
import { ChatTopic, type ChatWord } from './chat';
import { CallData } from './data';

const WORD: ChatWord = { nonce: 'n', text: 'hello', sentAt: '2030-01-01T00:00:00Z' };

function createTopic() {
  const data = new CallData();
  const channels = new FakeChannels();
  const heard: (readonly [string, ChatWord])[] = [];
  const topic = new ChatTopic(data, (from, word) => heard.push([from, word]));
  return { data, channels, heard, topic };
}

describe('the chat’s fast way', () => {
  it('is there as long as there is a call', () => {
    const { data, channels, heard, topic } = createTopic();
    topic.say(WORD);
    data.attach(channels);
    topic.say({ ...WORD, more: 'than it needs' } as ChatWord);
    expect(channels.on('chat')).toEqual([[WORD, null]]);
    channels.hear('b', 'chat', { ...WORD });
    data.detach();
    channels.hear('b', 'chat', { ...WORD, nonce: 'm' });
    expect(heard).toEqual([['b', WORD]]);
  });

  it('leaves to the server what is too long for it', () => {
    const { data, channels, topic } = createTopic();
    channels.publish = () => {
      throw new RangeError('too long');
    };
    data.attach(channels);
    expect(() => topic.say(WORD)).not.toThrow();
  });

  it.each<[string, Json]>([
    ['nothing', null],
    ['a text', 'hello'],
    ['no nonce', { ...WORD, nonce: '' }],
    ['an endless nonce', { ...WORD, nonce: 'n'.repeat(65) }],
    ['no words', { ...WORD, text: ' \n' }],
    ['endless words', { ...WORD, text: 'x'.repeat(4_001) }],
    ['no time', { ...WORD, sentAt: 'soon' }],
    ['a number for a time', { ...WORD, sentAt: 5 }],
  ])('does not show %s', (_, payload) => {
    const { data, channels, heard } = createTopic();
    data.attach(channels);
    channels.hear('b', 'chat', payload);
    expect(heard).toEqual([]);
  });

  it('does not show as everybody’s what was for us alone', () => {
    const { data, channels, heard } = createTopic();
    data.attach(channels);
    channels.hear('b', 'chat', { ...WORD }, true);
    expect(heard).toEqual([]);
  });
});
