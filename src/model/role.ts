/** Who may do what: three roles, each with everything that the one before it may. */

/** The roles, least first. Whoever may define a service may run anything, so definitions are for admins. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

/** What somebody may do. */
export type Role = (typeof ROLES)[number];

/** Whether somebody of this role may do what needs that one. */
export function mayUse(own: Role, needed: Role): boolean {
  return ROLES.indexOf(own) >= ROLES.indexOf(needed);
}
