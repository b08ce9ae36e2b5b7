mkdir -p /work/two-evenings
cat > /work/two-evenings/Dockerfile <<'END'
FROM busybox:latest
ARG SEATS=12
RUN echo "$SEATS" > /seats.txt
ENV TITLE="Study board"
CMD ["sleep", "infinity"]
END
cd /work/two-evenings
export SEATS=30
docker image build --build-arg SEATS --tag evening:large .
docker build --build-arg SEATS=12 -t evening:small .
echo "TITLE=Tuesday group" > evening.env
docker create --name large --env-file evening.env evening:large
docker create --name small evening:small
docker start small large
