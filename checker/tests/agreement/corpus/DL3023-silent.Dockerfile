FROM debian:12 AS builder
FROM debian:12 AS other
COPY --from=builder /a /b
