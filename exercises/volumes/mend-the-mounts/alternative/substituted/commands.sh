docker run -d --name keys --tmpfs=/run/keys redis:7
docker run -e POSTGRES_PASSWORD=rex --name pg -d --volume pg:/var/lib/postgresql/data/ postgres:15
docker run -dv $(pwd):/usr/local/apache2/htdocs/:ro --name=site httpd:2.4
