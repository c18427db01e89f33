/** Memory for pictures, which is used again for the next one of the same size. */
export class Canvas {
  #data = new Uint8Array(0);

  of(bytes: number): Uint8Array {
    if (this.#data.length !== bytes) this.#data = new Uint8Array(bytes);
    return this.#data;
  }
}
