#!/bin/sh
# Starts `crossover` with the secrets that were mounted as files: /run/secrets/CROSSOVER_SECRET holds
# the value of CROSSOVER_SECRET. So they are in no image, no compose file and no `docker inspect`.
set -eu
for file in "${SECRETS_FOLDER:-/run/secrets}"/CROSSOVER_*; do
  [ -f "$file" ] || continue
  value=$(cat "$file")
  export "$(basename "$file")=$value"
done
exec crossover "$@"
