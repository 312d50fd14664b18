import type { Readable } from 'node:stream';

/** A file that somebody sends, still on its way: read when it is known that they may, and once. */
export interface IncomingFile {
  /** @throws FileTooLarge, FileExpected, UnsupportedUpload */
  read(mostBytes: number): Promise<Buffer>;
  /**
   * Hands the file over while it arrives, and the fields of the form once all has arrived. What was taken counts only then:
   * when this throws, the form was cut off, too large or not what the route takes.
   *
   * @param fields that the form may have beside the file
   * @throws FileTooLarge, FileExpected, UnsupportedUpload, whatever `take` throws
   */
  receive<T>(
    order: { mostBytes: number; fields: readonly string[] },
    take: (file: ArrivingFile) => Promise<T>,
  ): Promise<{ taken: T; fields: Record<string, string> }>;
}

export interface ArrivingFile {
  /** As the sender calls it, without folders. */
  name: string;
  /** Fails when the sender breaks off. */
  content: Readable;
}
