docker compose up -d --wait
docker compose exec -T db redis-cli set memo "Monday: Compose"
docker compose exec -T db redis-cli save
docker compose stop
docker compose rm -f
docker network rm "$(docker network ls -q --filter label=com.docker.compose.network=default)"
