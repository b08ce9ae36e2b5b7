docker volume create pg && \
docker container run --detach --env POSTGRES_PASSWORD=rex --name=pg --volume pg:/var/lib/postgresql/data postgres:15
docker container rm --force --volumes pg; docker volume remove pg
