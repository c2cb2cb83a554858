import { expect, test } from 'vitest';
import { StateMachine } from './state-machine.ts';

const door = () => new StateMachine('the door', 'shut', { shut: ['open', 'locked'], open: ['shut'], locked: ['shut'] });

test('what the table allows is done', () => {
  const machine = door();
  machine.to('open');
  expect(machine.is('locked', 'open')).toBe(true);
  machine.to('shut');
  machine.to('locked');
  expect(machine.state).toBe('locked');
});

test('what the table does not allow throws, and changes nothing', () => {
  const machine = door();
  machine.to('locked');
  expect(() => machine.to('open')).toThrow('the door: open does not follow locked');
  expect(machine.state).toBe('locked');
});
