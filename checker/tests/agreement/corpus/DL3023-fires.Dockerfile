FROM debian:12 AS builder
COPY --from=builder /a /b
