/** A file that somebody sends, still on its way: read when it is known that they may, and once. */
export interface IncomingFile {
  /** @throws FileTooLarge, FileExpected, UnsupportedUpload */
  read(mostBytes: number): Promise<Buffer>;
}
