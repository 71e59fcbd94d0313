#!/usr/bin/env bash
# Makes the passwords that docker-compose.yml mounts as files. What exists is kept: a database keeps its first password.
set -euo pipefail
cd "$(dirname "$0")/../deploy/secrets"

if [ -e gateway.toml ]; then
    echo "secrets: deploy/secrets is filled already"
    exit 0
fi

password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
postgres=$(password)
rabbitmq=$(password)

# The folder keeps others on this host out; the files are readable because each container reads them as its own user.
chmod 700 .
umask 022
printf '%s' "$postgres" >postgres_password
cat >rabbitmq_credentials.conf <<CONF
default_user = medcom
default_pass = $rabbitmq
default_vhost = medcom
CONF
cat >gateway.toml <<TOML
database_url = "postgresql://medcom:$postgres@postgres:5432/medcom"
broker_url = "amqp://medcom:$rabbitmq@rabbitmq:5672/medcom"
TOML
sed -E 's#^broker_url = "amqp://(.*):5672/medcom"#broker_url = "amqps://\1:5671/medcom?cafile=/run/secrets/ca.pem"#' gateway.toml >gateway.tls.toml
echo "secrets: made in deploy/secrets; keep a copy where you keep your secrets"
