docker image build --tag=front:latest --file ./front/Dockerfile ./front
docker image build --tag=front:dev --file ./front/Dockerfile.dev ./front
docker image tag front:latest front:friday
docker image ls --filter=reference=front
