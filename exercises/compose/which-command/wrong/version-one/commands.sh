# 1. start all services in the background
docker-compose up -d
# 2. list the services' containers
docker compose ps
# 3. follow the log of web
docker compose logs -f web
# 4. show the file as Compose has read it
docker compose config
# 5. restart backend and leave the others alone
docker compose restart backend
# 6. for tonight: stop everything, keep the containers
docker compose stop
# 7. tomorrow: start the same containers again
docker compose start
# 8. after the last evening: remove everything, the volumes too
docker compose down -v
