docker compose -f tuesday.yaml up -d web
docker compose -f tuesday.yaml ps
docker compose -f tuesday.yaml stop db
