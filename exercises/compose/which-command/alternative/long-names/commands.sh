docker compose up --detach
docker compose ps
docker compose logs --follow web
docker compose config
docker compose restart backend
docker compose stop
docker compose start
docker compose down --volumes
