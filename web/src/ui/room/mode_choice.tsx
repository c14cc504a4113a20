import { useId, useState } from 'react';

import type { Mode } from '../../session/media_session';
import { pinMode, selectCurrentRoom, type Failure } from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { explain } from '../parts/failure';
import { t } from '../strings';

const words = t.course;

type Choice = keyof typeof words.choices;

const CHOICES: readonly Choice[] = ['auto', 'mesh', 'sfu'];

const modeOf = (choice: Choice): Mode | null => (choice === 'auto' ? null : choice);

/** How the host holds the room in a mode, or leaves it to the server. */
export function ModeChoice() {
  const name = useId();
  const current = useAppSelector(
    (state): Choice =>
      selectCurrentRoom(state)?.pins.find(({ reason }) => reason === 'host')?.mode ?? 'auto',
  );
  const { wanted, failure, choose } = useChoice();
  return (
    <fieldset className="mode-choice" aria-busy={wanted !== null || undefined}>
      <legend>{words.choice}</legend>
      <div className="segments segments-stacked">
        {CHOICES.map((choice) => (
          <label key={choice} className="segment">
            <input
              type="radio"
              name={name}
              className="visually-hidden"
              checked={choice === (wanted ?? current)}
              onChange={() => choose(choice)}
            />
            <span>{words.choices[choice]}</span>
          </label>
        ))}
      </div>
      {failure && (
        <p className="field-error" role="alert" data-testid="pin-error" data-code={failure.code}>
          {refusal(failure)}
        </p>
      )}
    </fieldset>
  );
}

/** What is asked of the server and not yet answered, and why it refused. */
function useChoice() {
  const dispatch = useAppDispatch();
  const [wanted, setWanted] = useState<Choice | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const choose = (choice: Choice) => {
    if (wanted !== null) return;
    setWanted(choice);
    setFailure(null);
    void dispatch(pinMode(modeOf(choice))).then((result) => {
      setWanted(null);
      if (pinMode.rejected.match(result)) setFailure(result.payload ?? null);
    });
  };
  return { wanted, failure, choose };
}

function refusal(failure: Failure): string {
  const refused: Readonly<Record<string, string>> = words.refused;
  const { title, advice } = explain(failure);
  return refused[failure.code] ?? `${title} ${advice}`;
}
