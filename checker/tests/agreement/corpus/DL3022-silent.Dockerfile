FROM debian:12 AS builder
RUN make
FROM debian:12
COPY --from=builder /app /app
COPY --from=0 /app /app2
COPY --from=nginx:1.29 /etc/nginx /etc/nginx
