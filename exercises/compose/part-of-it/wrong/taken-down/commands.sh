docker compose -f tuesday.yaml up -d web
docker compose -f tuesday.yaml down db
