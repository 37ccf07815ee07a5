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

# Nothing of what it is built in comes into the image. It is debian:bookworm-20260918-slim, by the digest that Docker's
# own record of its images has (github.com/docker-library/repo-info, repos/debian/remote/bookworm-20260918-slim.md, at
# 43a0ed1e). The compiler and musl come from Debian 12's archive, which signs them. --build-arg BASE=debian:12-slim takes
# what is the newest.
ARG BASE=debian@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251

# What both images are. It listens to the container's network, where 'jwtd health' asks it on loopback; a secret that
# is named "key" is the key.
FROM scratch AS bare
LABEL org.opencontainers.image.title=jwtd org.opencontainers.image.licenses="ISC AND MIT"
USER 65532:65532
ENV JWTD_LISTEN=0.0.0.0:5000 CREDENTIALS_DIRECTORY=/run/secrets
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=6s CMD ["/jwtd", "health"]
ENTRYPOINT ["/jwtd"]

FROM bare AS prebuilt
COPY jwtd /jwtd

FROM $BASE AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make musl-tools
COPY . /src
RUN make -C /src release

FROM bare AS source
COPY --from=build /src/jwtd /jwtd
