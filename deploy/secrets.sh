#!/bin/sh
# Makes the secrets of docker-compose.yml, once, in deploy/secrets/: `sh deploy/secrets.sh`. Never overwrites one.
set -eu
cd "$(dirname "$0")"
command -v openssl >/dev/null || { echo "openssl is missing: install it." >&2; exit 1; }
umask 077
mkdir -p secrets
# Compose mounts these files as they are, and the processes in containers are other users than the one who made
# them: the closed folder keeps everybody on this machine out, the open files let in who got one mounted.
chmod 0700 secrets
cd secrets
trap 'rm -f draft' EXIT

keep() { # NAME: stores standard input under this name, whole or not at all, unless there is one
    if [ -e "$1" ]; then
        cat >/dev/null
        return
    fi
    cat >draft
    [ -s draft ] || { echo "The secret $1 could not be made." >&2; exit 1; }
    chmod 0444 draft
    mv draft "$1"
    echo "made deploy/secrets/$1"
}

url() { # ROLE DATABASE PASSWORD
    echo "postgresql+asyncpg://$1:${3:?openssl made no password}@postgres/$2"
}

if [ -e identity-public-keys.pem ] && [ ! -e identity-private-key.pem ]; then
    echo "identity-public-keys.pem is here without its private key: delete it, so that a new pair can be made." >&2
    exit 1
fi
openssl rand -hex 32 | keep postgres-password
url postgres postgres "$(cat postgres-password)" | keep database-admin-url
password=$(openssl rand -hex 32)
url '{service}_owner' '{service}' "$password" | keep database-owner-url
for service in gateway booking applications notifications cards statistics feedback; do
    password=$(openssl rand -hex 32)
    url "${service}_app" "$service" "$password" | keep "database-url-$service"
done
openssl rand -hex 32 | keep link-secret
openssl rand -hex 32 | keep access-secret
openssl rand -base64 32 | keep document-keys
openssl genpkey -algorithm ed25519 | keep identity-private-key.pem
openssl pkey -in identity-private-key.pem -pubout | keep identity-public-keys.pem
openssl rand -hex 16 | keep grafana-password
