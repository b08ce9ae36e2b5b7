docker container run --rm --mount source=notes,target=/notes memo:latest
