/** Which state may follow which. */
export type Transitions<S extends string> = Readonly<Record<S, readonly S[]>>;

/** A state out of a closed list. A transition that the table does not have is a defect, and throws. */
export class StateMachine<S extends string> {
  readonly #of: string;
  readonly #transitions: Transitions<S>;
  #state: S;

  /** `of` names in errors what is in the state. */
  constructor(of: string, first: S, transitions: Transitions<S>) {
    this.#of = of;
    this.#state = first;
    this.#transitions = transitions;
  }

  get state(): S {
    return this.#state;
  }

  is(...states: readonly S[]): boolean {
    return states.includes(this.#state);
  }

  /** Throws a plain Error where `next` does not follow the present state. */
  to(next: S): void {
    if (!this.#transitions[this.#state].includes(next))
      throw new Error(`${this.#of}: ${next} does not follow ${this.#state}`);
    this.#state = next;
  }
}
