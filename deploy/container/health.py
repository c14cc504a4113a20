"""The container's health check: exit code 0 while the server answers ``/health`` with 200."""

import os
import ssl
import sys
import urllib.request


def main() -> int:
    """Asks the server where it listens by its environment; a draining one is not healthy."""
    port = os.environ.get("CROSSOVER_PORT") or os.environ.get("PORT") or "3000"
    host = os.environ.get("CROSSOVER_HOST") or os.environ.get("HOST") or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - not bound
    scheme = "https" if os.environ.get("CROSSOVER_TLS_CERTIFICATE") else "http"
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is ourselves
    try:
        with urllib.request.urlopen(  # noqa: S310 - http or https, as built above
            f"{scheme}://{host}:{port}/health",
            timeout=4,
            context=context if scheme == "https" else None,
        ) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"no answer at {scheme}://{host}:{port}/health: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
