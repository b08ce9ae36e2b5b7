export COMPOSE_FILE=tuesday.yaml
docker compose up -d --wait db
docker compose up -d --no-deps web
docker compose kill -s SIGTERM db
docker wait tuesday-db-1
