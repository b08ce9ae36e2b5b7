docker compose -f tuesday.yaml up -d
docker compose -f tuesday.yaml stop db
docker compose -f tuesday.yaml stop admin
