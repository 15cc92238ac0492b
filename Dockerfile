# The image that `make packages` makes without a container engine, made by one:   docker build -t tailspan .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$VERSION" -o /root-fs/usr/bin/tailspan ./cmd/agent \
 && mkdir -p /root-fs/etc/ssl/certs /root-fs/var/lib \
 && cp /etc/ssl/certs/ca-certificates.crt /root-fs/etc/ssl/certs/ \
 && echo 'tailspan:x:65532:65532:tailspan:/var/lib/tailspan:/sbin/nologin' > /root-fs/etc/passwd \
 && echo 'tailspan:x:65532:' > /root-fs/etc/group \
 && install -d -m 0700 -o 65532 -g 65532 /root-fs/var/lib/tailspan

FROM scratch
COPY --from=build /root-fs/ /
USER 65532:65532
ENTRYPOINT ["/usr/bin/tailspan"]
CMD ["run", "--config", "/etc/tailspan/tailspan.yaml"]
