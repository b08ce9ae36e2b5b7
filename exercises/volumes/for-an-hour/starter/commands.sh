# A database for an hour
docker create pg
docker run -d --name pg -v pg:/var/lib/postgresql/data -e POSTGRES_PASSWORD=rex postgres:15
docker volume rm pg
docker rm pg
