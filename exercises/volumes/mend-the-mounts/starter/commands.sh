# Where to keep things
docker run -d --name keys --tmfs /run/keys redis:7
docker run -d --name pg -v pg:/var/lib/postgresql/data -e POSTGRES_PASSWORD=rex postgres
docker run -d --name site -v .:/usr/local/apache2/htdocs httpd:2.4
