# The steps are plain commands in one folder, so that they can be tried without a container engine:
# test/dockerfile.spec.ts checks them against the project.
# Debian and not Alpine: the same glibc that the product is developed and tested on.

FROM node:24-slim AS development
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY src src
COPY migrations migrations
COPY seeds seeds
CMD ["npm", "run", "dev"]

FROM development AS build
RUN npm run build

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without optional packages: the embedded PostgreSQL is one (60 MB), and a container is given DATABASE_URL.
RUN npm ci --omit=dev --omit=optional

FROM node:24-slim AS runtime
WORKDIR /app
RUN groupadd --gid 1001 projectflow
RUN useradd --uid 1001 --gid 1001 --no-create-home --shell /usr/sbin/nologin projectflow
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
# Tenants' files (exports): instances share this folder, so it is a volume.
RUN install --directory --owner=1001 --group=1001 --mode=0700 /var/lib/projectflow/files
ENV FILES_DIR=/var/lib/projectflow/files
VOLUME /var/lib/projectflow/files
ENV NODE_ENV=production
# A number, because Kubernetes cannot tell from a name that it is not root.
USER 1001:1001
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node itself and not npm: it hears SIGTERM, and there is nothing in between that could keep it from shutting down.
CMD ["node", "dist/src/main.js"]
