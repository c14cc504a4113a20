import { useState } from 'react';

import { login, selectGivenName, updateUserProfile } from '../../store';
import { t } from '../strings';
import { useAppDispatch, useAppSelector } from './use_store';

const LONGEST = 64;

export interface NameField {
  readonly name: string;
  /** It is not ours to choose. */
  readonly isGiven: boolean;
  readonly setName: (name: string) => void;
  /** What is wrong with it, once somebody tried to use it. */
  readonly error: string | null;
  /** Remembers the name and returns it; null, with an error, if it cannot be used. */
  readonly accept: () => string | null;
}

/** The name one goes by: typed, checked when used, remembered for the next time. */
export function useName(): NameField {
  const dispatch = useAppDispatch();
  const user = useAppSelector((state) => state.auth.user);
  const limit = useAppSelector((state) => state.rtcConnection.signaling.limits?.nameLength);
  const given = useAppSelector(selectGivenName);
  const [name, setName] = useState(user?.name ?? '');
  const [error, setError] = useState<string | null>(null);

  const accept = () => {
    if (given !== null) {
      if (!user) dispatch(login({ name: given }));
      return given;
    }
    const trimmed = name.trim();
    const longest = limit ?? LONGEST;
    if (!trimmed) setError(t.common.nameMissing);
    else if (trimmed.length > longest) setError(t.common.nameTooLong(longest));
    else {
      setError(null);
      if (trimmed !== user?.name) {
        dispatch(user ? updateUserProfile({ name: trimmed }) : login({ name: trimmed }));
      }
      return trimmed;
    }
    return null;
  };
  return {
    name: given ?? name,
    isGiven: given !== null,
    setName: (next) => {
      setName(next);
      setError(null);
    },
    error,
    accept,
  };
}
