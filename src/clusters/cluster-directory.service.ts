import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { ClusterDirectory, type ClusterAddress } from '../platform/database/clusters.ts';
import { findClusterAddress, listClusterNames, listClusters } from './clusters.queries.ts';
import { SEALED_REPLICA_URL, SEALED_URL } from './clusters.types.ts';

@Injectable()
export class RegistryClusterDirectory extends ClusterDirectory {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly box: SecretBox,
  ) {
    super();
  }

  async addressOf(name: string): Promise<ClusterAddress | null> {
    const row = await findClusterAddress(this.registry.manager, name);
    if (!row?.url) return null;
    return {
      name,
      url: this.box.open(row.url, SEALED_URL.place(name)),
      replicaUrl: row.replicaUrl && this.box.open(row.replicaUrl, SEALED_REPLICA_URL.place(name)),
      homes: row.homes,
    };
  }

  async listNames(): Promise<string[]> {
    return listClusterNames(this.registry.manager);
  }

  async listAccepting(): Promise<string[]> {
    const clusters = await listClusters(this.registry.manager);
    return clusters.filter((cluster) => cluster.accepts && !cluster.dedicated).map((cluster) => cluster.name);
  }
}
