docker compose up -d --wait
docker compose exec -T db redis-cli set memo Monday
docker rm -f $(docker ps -q)
