# jwtd in an image that holds nothing else: one file, no shell.
#
#   docker build -t jwtd .                      builds it from source
#   docker build -t jwtd --target prebuilt .    takes the ./jwtd that 'make release' left here
#   docker run --rm -p 127.0.0.1:5000:5000 -v "$PWD/key:/run/secrets/key:ro" jwtd --open-issue
#
# To take tokens back, add -v "$PWD/state:/state", a folder that is user 65532's, and at the end
# --service-secret-file FILE --revocation-file /state/revoked. Mount the folder, not the file alone.
#
# The key file must be user 65532's. podman keeps the health check with --format docker only.

# What both images are. It listens to the container's network, where 'jwtd health' asks it on loopback; a secret that
# is named "key" is the key.
FROM scratch AS bare
LABEL org.opencontainers.image.title=jwtd org.opencontainers.image.licenses=ISC
USER 65532:65532
ENV JWTD_LISTEN=0.0.0.0:5000 CREDENTIALS_DIRECTORY=/run/secrets
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=6s CMD ["/jwtd", "health"]
ENTRYPOINT ["/jwtd"]

FROM bare AS prebuilt
COPY jwtd /jwtd

FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make musl-tools
COPY . /src
RUN make -C /src release

FROM bare AS source
COPY --from=build /src/jwtd /jwtd
