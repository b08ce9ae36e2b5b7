docker run --detach --name keys --mount type=tmpfs,target=/run/keys redis:7
docker run --detach --name pg --env POSTGRES_PASSWORD=rex --mount type=volume,source=pg,target=/var/lib/postgresql/data postgres:15
docker run --detach --name site --mount type=bind,source="$PWD",target=/usr/local/apache2/htdocs,readonly httpd:2.4
