mkdir -p /work/two-evenings
cat > /work/two-evenings/Dockerfile <<'END'
FROM busybox:latest
ARG SEATS=12
RUN echo "$SEATS" > /seats.txt
ENV TITLE="Study board"
CMD ["sleep", "infinity"]
END
docker build -t evening:small /work/two-evenings
docker tag evening:small evening:large
docker run -d --name small evening:small
docker run -d --name large -e SEATS=30 -e TITLE="Tuesday group" evening:large
