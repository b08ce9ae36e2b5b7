docker compose up -d --wait
docker compose exec -T db redis-cli set memo Monday
docker compose down -v
