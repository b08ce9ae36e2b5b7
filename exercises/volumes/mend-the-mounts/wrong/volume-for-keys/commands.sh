docker run -d --name keys -v /run/keys redis:7
docker run -d --name pg -v pg:/var/lib/postgresql/data -e POSTGRES_PASSWORD=rex postgres:15
docker run -d --name site -v "$PWD":/usr/local/apache2/htdocs:ro httpd:2.4
