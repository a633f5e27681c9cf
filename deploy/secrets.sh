#!/bin/sh
# Makes the passwords of docker-compose.yml, once: sh deploy/secrets.sh
# The folder is its owner's alone; the files in it can be read inside of the containers, each of which runs as somebody else.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
    echo "deploy/secrets is there already; remove it first to make new passwords" >&2
    exit 1
fi
umask 022
mkdir -m 700 secrets
word() { od -An -N 24 -tx1 /dev/urandom | tr -d ' \n'; }
redis=$(word)
postgres=$(word)
printf 'redis://gateway:%s@redis:6379/0' "$redis" > secrets/gateway_redis_url
printf 'postgresql://gateway:%s@postgres:5432/gateway' "$postgres" > secrets/gateway_database_url
printf '%s' "$postgres" > secrets/postgres_password
word > secrets/fhe_secret
# The gateway sees its own keys only and may not administer; who has no password may ask whether the server lives.
cat > secrets/redis_acl <<ACL
user default on nopass resetkeys resetchannels -@all +ping
user gateway on >$redis resetkeys ~gateway:* resetchannels &gateway:* +@all -@admin -@dangerous
ACL
ls -l secrets
