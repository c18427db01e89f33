/** Why a model cannot be used, and what its owner can do; whoever knows the file's name adds it. */
export class Refusal extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
