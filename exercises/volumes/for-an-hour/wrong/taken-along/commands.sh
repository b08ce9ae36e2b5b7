docker volume create pg
docker run -d --name pg -v pg:/var/lib/postgresql/data -e POSTGRES_PASSWORD=rex postgres:15
docker rm -f -v pg
