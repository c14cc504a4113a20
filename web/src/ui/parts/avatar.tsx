import { UserRound } from 'lucide-react';

import { colourOf, initials } from './identity';

interface AvatarProps {
  readonly name: string;
  /** What decides the colour: a member id, so that it outlives a change of name. */
  readonly id: string;
}

export function Avatar({ name, id }: AvatarProps) {
  return (
    <span className={`avatar avatar-${colourOf(id)}`} aria-hidden="true">
      {name.trim() ? initials(name) : <UserRound className="avatar-nobody" />}
    </span>
  );
}
