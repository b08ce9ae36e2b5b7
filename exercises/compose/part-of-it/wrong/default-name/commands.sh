docker compose up -d web
