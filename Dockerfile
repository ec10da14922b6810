# Sparkbridge in a container: the static binary, certificates, and nothing else. It holds no secrets: give them in the
# environment or in mounted files.
#
#   docker build --build-arg VERSION=v1.2.3 -t sparkbridge .
#   docker run -v sparkbridge:/data -p 8080:8080 --env-file secrets.env sparkbridge
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN make binary VERSION="$VERSION" && mkdir -m 0700 /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /src/sparkbridge /sparkbridge
# Only the service may look into its data: a new volume takes this over.
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /data
VOLUME /data
ENV SPARKBRIDGE_LISTEN=0.0.0.0:8080 SPARKBRIDGE_LOG__FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["/sparkbridge", "health"]
ENTRYPOINT ["/sparkbridge"]
CMD ["serve"]
